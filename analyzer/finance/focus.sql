-- Usage as rows of a FOCUS Cost and Usage dataset: an hour, the names, one price of a SKU. See docs/exports.md for the mapping.
-- SkuPriceId holds neither price nor date: it stays the same when a price changes, and ListUnitPrice tells the new one.
WITH named AS (
    SELECT
        *,
        direction IN ('Input', 'Output') AS is_tokens,
        CASE direction WHEN 'Input' THEN 'input-tokens' WHEN 'Output' THEN 'output-tokens' WHEN 'Request' THEN 'requests'
            WHEN 'search' THEN 'web-searches' WHEN 'fetch' THEN 'page-fetches' ELSE 'file-searches' END AS meter,
        CASE direction WHEN 'Input' THEN 'Input Tokens' WHEN 'Output' THEN 'Output Tokens' WHEN 'Request' THEN 'Requests'
            WHEN 'search' THEN 'Web Searches' WHEN 'fetch' THEN 'Page Fetches' ELSE 'File Searches' END AS meter_title,
        CASE cache_action WHEN 'Uncached' THEN 'uncached' WHEN 'Read' THEN 'cache-read' WHEN 'Write' THEN 'cache-write'
            WHEN 'Write 1h' THEN 'cache-write-1h' END AS variant,
        CASE WHEN kind <> 'Text' THEN lower(kind) END AS matter,
        CASE WHEN tier <> 'standard' THEN tier END AS odd_tier,
        CASE WHEN size_from > 0 THEN 'from-' || size_from END AS odd_size
    FROM focus_moves
), counted AS (
    -- Of the calls that share an hour, names and prices, the first row carries the number, so that it adds up.
    SELECT
        n.*,
        c.requests,
        row_number() OVER (
            PARTITION BY n.hour, n.booked_month, n.endpoint, n.api_key_name, n.team, n.cost_center, n.serves, n.service_provider, n.tier, n."window",
                n.size_from
            ORDER BY direction DESC, cache_action, kind, agreed, listed
        ) AS place
    FROM named AS n
    LEFT JOIN focus_requests AS c
        ON c.hour = n.hour AND c.booked_month IS NOT DISTINCT FROM n.booked_month
        AND c.endpoint IS NOT DISTINCT FROM n.endpoint AND c.api_key_name IS NOT DISTINCT FROM n.api_key_name
        AND c.team IS NOT DISTINCT FROM n.team AND c.cost_center IS NOT DISTINCT FROM n.cost_center AND c.serves = n.serves
        AND c.service_provider = n.service_provider AND c.tier = n.tier AND c."window" = n."window" AND c.size_from = n.size_from
), sku AS (
    SELECT
        *,
        serves || '/' || meter AS sku_id,
        concat_ws('/', serves, meter, variant, matter, "window", odd_tier, odd_size) AS sku_price_id,
        date_trunc('month', coalesce(booked_month, hour)) AS billed,
        listed * amount AS list_cost,
        agreed * amount AS agreed_cost,
        CAST(getvariable('focus_currency') AS VARCHAR) AS currency,
        CAST(getvariable('focus_prepaid') AS BOOLEAN) AS prepaid
    FROM counted
)
SELECT
    amount_of(CASE WHEN prepaid THEN 0 ELSE agreed_cost END) AS BilledCost,
    coalesce(CAST(getvariable('focus_account') AS VARCHAR), service_provider) AS BillingAccountId,
    coalesce(CAST(getvariable('focus_account') AS VARCHAR), service_provider) AS BillingAccountName,
    currency AS BillingCurrency,
    (billed + INTERVAL 1 MONTH) AT TIME ZONE 'UTC' AS BillingPeriodEnd,
    CAST(billed AS TIMESTAMP) AT TIME ZONE 'UTC' AS BillingPeriodStart,
    'Usage' AS ChargeCategory,
    CASE WHEN booked_month IS NOT NULL THEN 'Correction' END AS ChargeClass,
    concat_ws(', ', serves || ' ' || lower(meter_title), replace(variant, '-', ' '), matter, "window", odd_tier,
        replace(odd_size, '-', ' ')) AS ChargeDescription,
    'Usage-Based' AS ChargeFrequency,
    (hour + INTERVAL 1 HOUR) AT TIME ZONE 'UTC' AS ChargePeriodEnd,
    hour AT TIME ZONE 'UTC' AS ChargePeriodStart,
    CAST(NULL AS VARCHAR) AS CommitmentDiscountStatus,
    CAST(amount AS DECIMAL(38, 0)) * CAST(1 AS DECIMAL(2, 1)) AS ConsumedQuantity,
    CASE WHEN is_tokens THEN 'Tokens' ELSE 'Requests' END AS ConsumedUnit,
    amount_of(agreed_cost) AS ContractedCost,
    CASE WHEN is_tokens THEN per_million(agreed) ELSE amount_of(agreed * 1000) END AS ContractedUnitPrice,
    amount_of(agreed_cost) AS EffectiveCost,
    service_provider AS HostProviderName,
    CAST(NULL AS VARCHAR) AS InvoiceId,
    service_provider AS InvoiceIssuerName,
    amount_of(list_cost) AS ListCost,
    CASE WHEN is_tokens THEN per_million(listed) ELSE amount_of(listed * 1000) END AS ListUnitPrice,
    'Standard' AS PricingCategory,
    currency AS PricingCurrency,
    CASE WHEN is_tokens THEN per_million(agreed) ELSE amount_of(agreed * 1000) END AS PricingCurrencyContractedUnitPrice,
    amount_of(agreed_cost) AS PricingCurrencyEffectiveCost,
    CASE WHEN is_tokens THEN per_million(listed) ELSE amount_of(listed * 1000) END AS PricingCurrencyListUnitPrice,
    amount_of(CASE WHEN is_tokens THEN amount * 1000000000 ELSE amount * 1000000000000 END) AS PricingQuantity,
    CASE WHEN is_tokens THEN '1000000 Tokens' ELSE '1000 Requests' END AS PricingUnit,
    service_provider AS ProviderName,
    service_provider AS PublisherName,
    coalesce(api_key_name, endpoint) AS ResourceId,
    coalesce(api_key_name, endpoint) AS ResourceName,
    CASE WHEN api_key_name IS NOT NULL THEN 'API Key' WHEN endpoint IS NOT NULL THEN 'Endpoint' END AS ResourceType,
    'AI and Machine Learning' AS ServiceCategory,
    service_provider || ' API' AS ServiceName,
    service_provider AS ServiceProviderName,
    'Generative AI' AS ServiceSubcategory,
    sku_id AS SkuId,
    meter_title AS SkuMeter,
    CAST(json_merge_patch('{}', json_object(
        'x_ModelId', serves, 'x_TokenDirection', CASE WHEN is_tokens THEN direction END, 'x_TokenCacheAction', cache_action,
        'x_TokenModality', kind, 'x_PriceWindow', "window", 'x_ServiceTier', tier, 'x_InputTokensFrom', nullif(size_from, 0)
    )) AS VARCHAR) AS SkuPriceDetails,
    sku_price_id AS SkuPriceId,
    team AS SubAccountId,
    team AS SubAccountName,
    CASE WHEN team IS NOT NULL THEN 'Team' END AS SubAccountType,
    nullif(CAST(json_merge_patch('{}', json_object('cost_center', cost_center, 'endpoint', endpoint)) AS VARCHAR), '{}') AS Tags,
    endpoint AS x_Endpoint,
    api_key_name AS x_ApiKeyName,
    team AS x_Team,
    cost_center AS x_CostCenter,
    serves AS x_Model,
    "window" AS x_PriceWindow,
    tier AS x_ServiceTier,
    CAST(CASE WHEN place = 1 THEN coalesce(requests, 0) ELSE 0 END AS BIGINT) AS x_RequestCount
FROM sku
ORDER BY hour, sku_price_id, endpoint, api_key_name, team, cost_center, service_provider, agreed, listed, booked_month
