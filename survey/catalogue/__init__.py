"""The starter catalogue: good practices, the regions where people are asked, and the words for both.

The data files stand beside this one; `README.md` there says where they come from and what they are not.
"""

from survey.catalogue.model import (
    CATALOGUE_NOTE,
    Catalogue,
    CatalogueError,
    CataloguePractice,
    CatalogueProblem,
    CatalogueRegion,
    CatalogueSource,
    Category,
    PracticeWords,
    RegionWords,
    StakeholderGroup,
    StakeholderType,
)
from survey.catalogue.reading import read_catalogue

__all__ = [
    "CATALOGUE_NOTE",
    "Catalogue",
    "CatalogueError",
    "CataloguePractice",
    "CatalogueProblem",
    "CatalogueRegion",
    "CatalogueSource",
    "Category",
    "PracticeWords",
    "RegionWords",
    "StakeholderGroup",
    "StakeholderType",
    "read_catalogue",
]
