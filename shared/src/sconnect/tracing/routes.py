"""A vendor's address as a route: words of a closed list, and a placeholder for everything else."""

# Of the shop's API v1, SnelStart's B2B API v2 and VIES' REST API. A word that is missing here shows as a
# placeholder; one that should not be told can never come in by itself.
KNOWN_SEGMENTS = frozenset(
    {
        "v1",
        "v2",
        "orders",
        "count",
        "orderstatuses",
        "tax-policy",
        "regions",
        "b2b",
        "token",
        "companyInfo",
        "grootboeken",
        "kostenplaatsen",
        "btwtarieven",
        "vatrates",
        "landen",
        "relaties",
        "verkoopboekingen",
        "verkoopfacturen",
        "taxud_vies",
        "vies",
        "rest-api",
        "ms",
        "check-vat-number",
    }
)
PLACEHOLDER = "{}"


def route_of(path: str) -> str:
    """The path with a placeholder for each id, and for whatever else is not known."""
    segments = (segment for segment in path.split("/") if segment)
    return "/" + "/".join(segment if segment in KNOWN_SEGMENTS else PLACEHOLDER for segment in segments)
