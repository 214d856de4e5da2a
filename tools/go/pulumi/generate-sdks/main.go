// Command generate-sdks writes the SDKs for Python and Go that `pulumi package add` makes of a schema, by the generators of the CLI
// itself: the language hosts that can be built from Go modules are too old to be asked for it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: generate-sdks <schema.json> <folder>"))
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fail(err)
	}
}

func generate(file, folder string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	// A package keeps what the generator of one language has made of it: each gets its own.
	pkg, err := bind(text)
	if err != nil {
		return err
	}
	files, err := python.GeneratePackage("pulumi", pkg, nil, nil)
	if err != nil {
		return err
	}
	if err := write(filepath.Join(folder, "python"), files); err != nil {
		return err
	}
	if pkg, err = bind(text); err != nil {
		return err
	}
	if files, err = golang.GeneratePackage("pulumi", pkg, nil); err != nil {
		return err
	}
	return write(filepath.Join(folder, "go"), files)
}

func bind(text []byte) (*schema.Package, error) {
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	pkg, complaints, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if len(complaints) > 0 {
		return nil, complaints
	}
	// As `package add` does.
	pkg.SupportPack = true
	return pkg, nil
}

func write(folder string, files map[string][]byte) error {
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
