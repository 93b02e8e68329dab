"""Which changes need another person, and the signed records that prove who approved them.

Both planes use the same rules: the control plane asks them before it changes something, gateways
ask them before they take a snapshot over.
"""
