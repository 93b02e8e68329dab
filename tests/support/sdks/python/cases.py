"""What each program asks, and how it shows the outcomes: one JSON object, by case."""

import json
import os
import traceback

from pydantic import BaseModel

PERSONAL = "Mijn naam is Jan de Vries, bsn 111222333."
RESTRICTED = "Jan de Vries heeft kanker en krijgt een chemokuur."
SAY = 'example: say {"city": "Gent", "days": 2};'  # what the scripted provider then says
SCHEMA = {
    "type": "object",
    "properties": {
        "query": {"type": "string"},
        "city": {"type": "string"},
        "days": {"type": "integer"},
    },
}
TOOL = {"name": "find", "description": "Finds.", "parameters": SCHEMA}


class City(BaseModel):
    """A city, and for how many days."""

    city: str
    days: int


CITY = City(city="Gent", days=2)


class Show:
    """Runs each case, and prints what it returned; a failure is shown as its traceback."""

    def __init__(self):
        self.outcomes = {}

    def start(self):
        self.url = os.environ["SLUIS_URL"]
        self.key = os.environ["SLUIS_KEY"]
        self.limited_key = os.environ["SLUIS_LIMITED_KEY"]

    def __call__(self, case):
        try:
            self.outcomes[case.__name__] = case()
        except Exception:
            self.outcomes[case.__name__] = traceback.format_exc()[-1500:]
        return case

    def end(self):
        print(json.dumps(self.outcomes))


show = Show()
