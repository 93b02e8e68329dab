"""Reports: counted from the trail, rendered in several languages and formats.

``entry_aggregator`` counts entries and ``collector`` adds the catalogue. The result is facts, which
are signed. A kind (``activity``, ``processing``, ``ai_act``, ``algorithms``) makes a document of
facts; ``pdf`` and ``table_files`` render it. ``service`` records and stores reports.
"""
