"""The names under which existing workflow files know this package; each module is the one of hanabi_workflow."""
