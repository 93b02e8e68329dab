"""What is stored of a person, as a package for that person (GDPR article 15).

``collecting`` finds and opens it, ``package`` writes it, ``words`` explains it in Dutch and English.
"""

from gateway.governance.subject_access.service import PackageSummary, SubjectAccess

__all__ = ["PackageSummary", "SubjectAccess"]
