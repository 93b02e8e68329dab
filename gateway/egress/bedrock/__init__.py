"""Amazon Bedrock: InvokeModel for Anthropic's models, Converse for all others.

Sources: Amazon Bedrock API Reference, InvokeModel, InvokeModelWithResponseStream, Converse and
ConverseStream; Amazon Bedrock User Guide, "Anthropic Claude Messages API".
"""
