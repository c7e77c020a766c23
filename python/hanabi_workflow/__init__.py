"""Durable workflows: a deterministic sandbox, and the names that authors write workflows with."""
