"""``python -m wire`` is the ``wire`` command."""

from wire.cli import main

main()
