"""Signed requests to AWS."""

import datetime

import pytest

from gateway.core.system.aws_sigv4 import signed_headers
from gateway.core.system.credentials import AwsCredentials

pytestmark = pytest.mark.unit


def test_requests_are_signed_as_the_documentation_shows() -> None:
    """The example "PUT object" of Amazon's description of Signature Version 4 for S3."""
    headers = signed_headers(
        "PUT",
        "https://examplebucket.s3.amazonaws.com/test%24file.text",
        b"Welcome to Amazon S3.",
        credentials=AwsCredentials(
            "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        ),
        region="us-east-1",
        service="s3",
        now=datetime.datetime(2013, 5, 24, tzinfo=datetime.UTC),
        headers={
            "date": "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
    )
    assert headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )
