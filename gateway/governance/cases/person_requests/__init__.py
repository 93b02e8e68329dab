"""Requests and objections of persons about their data or a decision, each with its term."""
