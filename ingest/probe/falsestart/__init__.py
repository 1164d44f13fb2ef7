"""What a service installs to be seen by Falsestart: phases, checks and sockets by boot age."""

from falsestart.contract import Contract, Phase
from falsestart.probe import Probe
from falsestart.version import __version__

__all__ = ["Contract", "Phase", "Probe", "__version__"]
