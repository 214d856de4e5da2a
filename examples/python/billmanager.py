"""The provider and its resource, as far as this program needs them.

`pulumi package add` generates the whole of both, with every input and output; README.md tells how.
"""

from typing import Optional

import pulumi


class Provider(pulumi.ProviderResource):
    """One account. Settings that are left out come from the environment."""

    def __init__(
        self,
        name: str,
        *,
        username: pulumi.Input[str],
        password: pulumi.Input[str],
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__(
            "billmanager",
            name,
            {"username": username, "password": pulumi.Output.secret(password)},
            opts,
        )


class License(pulumi.CustomResource):
    """One software license for one server. Creating it orders it; deleting it gives it up."""

    license_name: pulumi.Output[str]
    ip: pulumi.Output[str]
    status: pulumi.Output[str]
    expires_on: pulumi.Output[Optional[str]]
    cost: pulumi.Output[Optional[str]]
    account: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        product: pulumi.Input[str],
        ip: pulumi.Input[str],
        license_name: Optional[pulumi.Input[str]] = None,
        suspended: Optional[pulumi.Input[bool]] = None,
        paid_until: Optional[pulumi.Input[str]] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__(
            "billmanager:index:License",
            name,
            {
                "product": product,
                "ip": ip,
                "license_name": license_name,
                "suspended": suspended,
                "paid_until": paid_until,
                # Only the vendor knows these: naming them makes them outputs.
                "status": None,
                "expires_on": None,
                "cost": None,
                "account": None,
            },
            opts,
        )

    def translate_input_property(self, prop: str) -> str:
        """As the schema spells it: `license_name` is `licenseName`."""
        first, *others = prop.split("_")
        return first + "".join(word.capitalize() for word in others)

    def translate_output_property(self, prop: str) -> str:
        """As Python spells it: `licenseName` is `license_name`."""
        return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in prop)
