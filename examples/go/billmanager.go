package main

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The provider and its resource, as far as this program needs them. `pulumi package add` generates the whole of both, with every
// input and output; README.md tells how.

// Provider is one account. Settings that are left out come from the environment.
type Provider struct {
	pulumi.ProviderResourceState
}

// NewProvider logs in with this name and password.
func NewProvider(ctx *pulumi.Context, name, username string, password pulumi.StringOutput) (*Provider, error) {
	var provider Provider
	settings := pulumi.Map{
		"username": pulumi.String(username),
		"password": pulumi.ToSecret(password),
	}
	err := ctx.RegisterResource("pulumi:providers:billmanager", name, settings, &provider)
	return &provider, err
}

// License is one software license for one server. Creating it orders it; deleting it gives it up.
type License struct {
	pulumi.CustomResourceState

	LicenseName pulumi.StringOutput    `pulumi:"licenseName"`
	Ip          pulumi.StringPtrOutput `pulumi:"ip"`
	Status      pulumi.StringOutput    `pulumi:"status"`
	ExpiresOn   pulumi.StringPtrOutput `pulumi:"expiresOn"`
	Cost        pulumi.StringPtrOutput `pulumi:"cost"`
	Account     pulumi.StringOutput    `pulumi:"account"`
}

// LicenseArgs is what the program asks for.
type LicenseArgs struct {
	Product     pulumi.StringInput
	Ip          pulumi.StringInput
	LicenseName pulumi.StringPtrInput
	Suspended   pulumi.BoolPtrInput
	PaidUntil   pulumi.StringPtrInput
}

// ElementType names each input as the provider's schema does.
func (LicenseArgs) ElementType() reflect.Type {
	return reflect.TypeOf((*struct {
		Product     string  `pulumi:"product"`
		Ip          string  `pulumi:"ip"`
		LicenseName *string `pulumi:"licenseName"`
		Suspended   *bool   `pulumi:"suspended"`
		PaidUntil   *string `pulumi:"paidUntil"`
	})(nil)).Elem()
}

// NewLicense declares one license.
func NewLicense(ctx *pulumi.Context, name string, args *LicenseArgs, opts ...pulumi.ResourceOption) (*License, error) {
	var license License
	err := ctx.RegisterResource("billmanager:index:License", name, args, &license, opts...)
	return &license, err
}
