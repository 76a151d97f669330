"""What a consent may be for. Two purposes open the bureau's door, each once; there is no third."""

from enum import StrEnum

from app.domain.deciding.behaviour import DataSource


class ConsentPurpose(StrEnum):
    """One consent, one purpose; none is bundled with another."""

    FIRST_APPLICATION = "FIRST_APPLICATION"
    LIMIT_INCREASE = "LIMIT_INCREASE"
    PAYMENTS = "PAYMENTS"
    WEALTH = "WEALTH"
    LIFE_SERVICES = "LIFE_SERVICES"
    SOCIAL = "SOCIAL"
    REPORTING = "REPORTING"
    MARKETING = "MARKETING"


class InquiryPurpose(StrEnum):
    """The only two purposes for which the bureau is ever asked (decree on credit reporting, arts 18 and 20)."""

    FIRST_APPLICATION = "FIRST_APPLICATION"
    LIMIT_INCREASE = "LIMIT_INCREASE"

    @property
    def consent_purpose(self) -> ConsentPurpose:
        """The consent that this purpose needs."""
        return ConsentPurpose(self.value)

    @property
    def reason_code(self) -> str:
        """The bureau's reason code: 02 loan approval, 26 limit approval."""
        return "02" if self is InquiryPurpose.FIRST_APPLICATION else "26"


BUREAU_PURPOSES = frozenset(purpose.consent_purpose for purpose in InquiryPurpose)

SOURCE_PURPOSES: dict[ConsentPurpose, DataSource] = {
    ConsentPurpose.PAYMENTS: DataSource.PAYMENTS,
    ConsentPurpose.WEALTH: DataSource.WEALTH,
    ConsentPurpose.LIFE_SERVICES: DataSource.LIFE_SERVICES,
    ConsentPurpose.SOCIAL: DataSource.SOCIAL,
}
