"""Which systems there are, in the order of their cards."""

from integrations.inbound.connectors.freshteam import Freshteam
from integrations.inbound.connectors.generic import Generic
from integrations.inbound.connectors.greenhouse import Greenhouse
from integrations.inbound.connectors.greythr import GreytHR
from integrations.inbound.connectors.talentlyft import TalentLyft
from integrations.inbound.contract import Connector

CONNECTORS: dict[str, type[Connector]] = {
    connector.kind: connector for connector in (TalentLyft, GreytHR, Freshteam, Greenhouse, Generic)
}
