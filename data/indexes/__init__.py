"""Adapters to search engines that live elsewhere: see docs/decisions/0012."""
