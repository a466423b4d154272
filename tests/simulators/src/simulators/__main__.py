"""`python -m simulators webshop|snelstart|vies`: serve one simulator until it is told to stop."""

import argparse
from importlib import import_module
from pathlib import Path

from simulators.clock import system_clock
from simulators.server import serve


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    parser.add_argument("simulator", choices=["webshop", "snelstart", "vies"])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="where the port taken is written")
    return parser.parse_args()


def main() -> None:
    """Run the simulator that the command line names."""
    arguments = parse_arguments()
    create_app = import_module(f"simulators.{arguments.simulator}").create_app
    serve(create_app(system_clock), host=arguments.host, port=arguments.port, port_file=arguments.port_file)


if __name__ == "__main__":
    main()
