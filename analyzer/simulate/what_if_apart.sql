-- What audio, images and searches of a flow `l` add, at prices `p`, to the price of the text that they were counted as.
CASE WHEN l.apart IS NULL OR p.apart IS NULL
    THEN {'input': 0, 'hits': 0, 'all_hits': 0, 'output': 0, 'requests': 0}
    ELSE {
        'input': apart_sum(l.apart, p.apart, 'input_'),
        'hits': apart_sum(l.apart, p.apart, 'cache_read_'),
        'all_hits': coalesce(list_sum(list_transform(map_entries(l.apart), lambda one: CASE WHEN starts_with(one.key, 'input_')
            THEN CAST(one.value AS HUGEINT) * coalesce(p.apart[replace(one.key, 'input_', 'cache_read_')], 0) ELSE 0 END)), 0),
        'output': apart_sum(l.apart, p.apart, 'output_'),
        'requests': apart_sum(l.apart, p.apart, 'search') + apart_sum(l.apart, p.apart, 'fetch')
            + apart_sum(l.apart, p.apart, 'file_search')
    } END
