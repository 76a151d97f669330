"""Every look of an audit, in the order in which a run makes them."""

from app.flows.audit.looks.days import DAYS
from app.flows.audit.looks.decisions import DECISIONS
from app.flows.audit.looks.inquiries import INQUIRIES
from app.flows.audit.looks.keeping import KEEPING
from app.flows.audit.looks.money import MONEY
from app.flows.audit.looks.papers import PAPERS
from app.flows.audit.looks.prices import PRICES
from app.flows.audit.looks.scan import Look
from app.flows.audit.looks.staff import STAFF
from app.flows.audit.looks.training import TRAINING

LOOKS: tuple[Look, ...] = (*INQUIRIES, *MONEY, *DAYS, *DECISIONS, *PAPERS, *STAFF, *TRAINING, *KEEPING, *PRICES)
