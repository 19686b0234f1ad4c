"""The rules of Nightlight, pure: told everything, asking nothing.

Nothing here reads a clock, a database, a setting or chance, and nothing here sends. The one
rule for changing an alert is `nightlight.engine.decide.decide`; it is not re-exported, so that
the import contract "one write path" can see who uses it.
"""
