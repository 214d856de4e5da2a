import pulumi

from billmanager import License, Provider

config = pulumi.Config()

first = Provider(
    "first",
    username=config.require("firstUsername"),
    password=config.require_secret("firstPassword"),
)
second = Provider(
    "second",
    username=config.require("secondUsername"),
    password=config.require_secret("secondPassword"),
)

cloudlinux = License(
    "cloudlinux",
    product="cloudlinux",
    ip=config.require("webServer"),
    paid_until=config.require("paidUntil"),
    opts=pulumi.ResourceOptions(provider=first),
)

softaculous = License(
    "softaculous",
    product="softaculous",
    ip=config.require("panelServer"),
    license_name=config.require("panelName"),
    opts=pulumi.ResourceOptions(provider=second),
)

kernelcare = License(
    "kernelcare",
    product="kernelcare",
    ip=config.require("databaseServer"),
    suspended=not config.require_bool("databaseInUse"),
    opts=pulumi.ResourceOptions(provider=first),
)

pulumi.export(
    "licenses",
    [
        {
            "id": license.id,
            "name": license.license_name,
            "ip": license.ip,
            "status": license.status,
            "expiresOn": license.expires_on,
            "cost": license.cost,
            "account": license.account,
        }
        for license in (cloudlinux, softaculous, kernelcare)
    ],
)
