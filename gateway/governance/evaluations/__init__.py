"""Evaluations of model versions, and the gate that they are for approvals."""
