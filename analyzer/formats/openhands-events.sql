-- name:      openhands-events
-- title:     OpenHands events (~/.openhands/conversations/*/events/*.json): known, but they hold no counts
-- source:    https://docs.openhands.dev/sdk/arch/events
-- container: json
-- evidence:  kind = *Event | Condensation*
-- evidence:  source = agent | user | environment | hook
-- evidence:  timestamp
-- evidence:  id
-- time:      timestamp
-- model:     none
-- columns:   kind VARCHAR, timestamp VARCHAR
--
-- They lie beside the state of their conversation, which tells the usage of each call.
SELECT
    source_id,
    'an event of a conversation, whose usage its base_state.json tells' AS skip,
    timestamp AS started_at
FROM records
