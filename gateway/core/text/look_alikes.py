"""Letters of other scripts that look like Latin ones."""

# Cyrillic and Greek letters, character for character (a selection of Unicode TR 39's confusables).
LOOK_ALIKES = dict(
    zip(
        "АВСЕНІЈКМОРЅТХУаеіјорсухѕԁһԛѵԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ",
        "ABCEHIJKMOPSTXYaeijopcyxsdhqvwABEZHIKMNOPTYXaiknoptux",
        strict=True,
    )
)
