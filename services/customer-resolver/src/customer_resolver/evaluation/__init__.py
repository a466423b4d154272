"""Tries recognition out on files: what would become of these orders among these customers, and how well."""
