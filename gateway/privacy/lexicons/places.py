"""Cities, countries, endings of streets, and car makes."""

from gateway.privacy.lexicons.loader import entries, words

CITIES_AND_COUNTRIES = words("cities_and_countries.txt")
NOT_CITIES = words("not_cities.txt")
STREET_ENDINGS = entries("street_endings.txt")
CAR_MAKES = words("car_makes.txt")
