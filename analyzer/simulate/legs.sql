-- In which parts the requests of each route are served, and where.
CREATE OR REPLACE TEMP TABLE legs (
    route     VARCHAR,
    number    INTEGER,  -- 0: the leg that takes what no token share takes
    kind      VARCHAR,  -- served, or escalated: asked again after another leg
    target    VARCHAR,  -- model or family; NULL: the model that was logged
    weight    HUGEINT,  -- which part of the tokens, over the scenario's power of ten
    of_target VARCHAR,  -- escalated: the target of the leg before it,
    escalates VARCHAR   -- and the model whose answers are asked again
)
