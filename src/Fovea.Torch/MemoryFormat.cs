namespace Fovea.Torch;

/// <summary>The order of a tensor's elements in memory; the values are those of <c>c10::MemoryFormat</c>.</summary>
public enum MemoryFormat
{
    /// <summary>Row-major: <c>[N, C, H, W]</c> with W fastest.</summary>
    Contiguous = 0,

    /// <summary>As the source is.</summary>
    Preserve = 1,

    /// <summary>Images with the channel fastest.</summary>
    ChannelsLast = 2,

    /// <summary>Volumes with the channel fastest.</summary>
    ChannelsLast3d = 3,
}
