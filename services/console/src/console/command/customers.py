"""`sconnect customers remembered | forget`."""

from typing import Annotated

import typer

from console.command.product import path_part
from console.command.session import Session


def register(command: typer.Typer, session: Session) -> None:
    group = typer.Typer(help=session.help("customers"), no_args_is_help=True)
    command.add_typer(group, name="customers")
    json_option = typer.Option("--json", help=session.help("json"))

    @group.command("remembered", help=session.help("customers_remembered"))
    def list_links(name: str, *, as_json: Annotated[bool, json_option] = False) -> None:
        links = session.product.get(f"/profiles/{path_part(name)}/remembered-links")
        if as_json:
            session.screen.json(links)
        elif links:
            session.screen.table(
                ("id", "buyer", "customer", "order", "decided_by", "at"),
                (
                    (
                        link["id"],
                        link["buyer"],
                        f"{link['customer_number']} {link['customer_name']}",
                        link["order_number"],
                        link["decided_by"] or session.screen.text("decided_by_nobody"),
                        session.screen.moment(link["decided_at"]),
                    )
                    for link in links
                ),
            )
        else:
            session.screen.say("no_links")

    @group.command("forget", help=session.help("customers_forget"))
    def forget_links(
        link_ids: list[str],
        *,
        as_json: Annotated[bool, json_option] = False,
    ) -> None:
        forgotten = []
        for each in link_ids:
            link = session.product.post(f"/remembered-links/{path_part(each)}/forget")
            forgotten.append(link)
            if not as_json:
                session.screen.say("link_forgotten", buyer=link["buyer"], number=link["customer_number"])
        if as_json:
            session.screen.json(forgotten)
