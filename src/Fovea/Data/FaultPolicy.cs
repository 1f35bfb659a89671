namespace Fovea.Data;

/// <summary>What is done about faulty annotations when a data set is opened.</summary>
public enum FaultPolicy
{
    /// <summary>The first fault stops with an error naming file, field, what was found and what was expected.</summary>
    Error,

    /// <summary>What is at fault (an object, or the whole image) is left out, counted, and said in <see cref="IDataset.Notes"/>.</summary>
    Skip,

    /// <summary>
    /// Boxes reaching outside their image are clipped to it and boxes with any area are kept; whatever cannot be repaired is
    /// left out as by <see cref="Skip"/>. Both are counted and said in <see cref="IDataset.Notes"/>.
    /// </summary>
    Clip,
}
