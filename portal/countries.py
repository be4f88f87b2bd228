"""Names of the countries that forms offer: they are parties' own."""

from certifications.parties.countries import COUNTRIES as COUNTRIES
from certifications.parties.countries import FURTHER as FURTHER
