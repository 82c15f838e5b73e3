"""The ``dcpg`` command."""
