package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		conf := config.New(ctx, "")

		first, err := NewProvider(ctx, "first", conf.Require("firstUsername"), conf.RequireSecret("firstPassword"))
		if err != nil {
			return err
		}
		second, err := NewProvider(ctx, "second", conf.Require("secondUsername"), conf.RequireSecret("secondPassword"))
		if err != nil {
			return err
		}

		cloudlinux, err := NewLicense(ctx, "cloudlinux", &LicenseArgs{
			Product:   pulumi.String("cloudlinux"),
			Ip:        pulumi.String(conf.Require("webServer")),
			PaidUntil: pulumi.String(conf.Require("paidUntil")),
		}, pulumi.Provider(first))
		if err != nil {
			return err
		}

		softaculous, err := NewLicense(ctx, "softaculous", &LicenseArgs{
			Product:     pulumi.String("softaculous"),
			Ip:          pulumi.String(conf.Require("panelServer")),
			LicenseName: pulumi.String(conf.Require("panelName")),
		}, pulumi.Provider(second))
		if err != nil {
			return err
		}

		kernelcare, err := NewLicense(ctx, "kernelcare", &LicenseArgs{
			Product:   pulumi.String("kernelcare"),
			Ip:        pulumi.String(conf.Require("databaseServer")),
			Suspended: pulumi.Bool(!conf.RequireBool("databaseInUse")),
		}, pulumi.Provider(first))
		if err != nil {
			return err
		}

		var licenses pulumi.Array
		for _, license := range []*License{cloudlinux, softaculous, kernelcare} {
			licenses = append(licenses, pulumi.Map{
				"id":        license.ID(),
				"name":      license.LicenseName,
				"ip":        license.Ip,
				"status":    license.Status,
				"expiresOn": license.ExpiresOn,
				"cost":      license.Cost,
				"account":   license.Account,
			})
		}
		ctx.Export("licenses", licenses)
		return nil
	})
}
