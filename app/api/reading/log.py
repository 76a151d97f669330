"""The published log: what anybody may read of it."""

from app.flows.ledger import serving

newest_checkpoint = serving.newest_checkpoint
published_tile = serving.published_tile
