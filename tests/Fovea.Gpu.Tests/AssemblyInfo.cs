// Handle counts and thread settings are process-wide, so tests run one after another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
