using Fovea.Imaging;

namespace Fovea.Data.Scenes;

/// <summary>
/// Generated scenes as a data set: made when they are asked for, never stored. Written to disk by
/// <see cref="Writing.DatasetConverter"/> like any other.
/// </summary>
/// <param name="generator">Makes the scenes.</param>
/// <param name="count">Number of scenes.</param>
/// <param name="seed">Seed of this set: sets of different seeds have no scene in common.</param>
public sealed class SceneDataset(SceneGenerator generator, int count, int seed) : IDataset
{
    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"scenes of seed {seed}");

    /// <summary>COCO, the format whose annotations these have.</summary>
    public DatasetFormat Format => DatasetFormat.Coco;

    /// <inheritdoc/>
    public DatasetContent Content => DatasetContent.Boxes | DatasetContent.Masks;

    /// <inheritdoc/>
    public LabelSpace Labels => generator.Labels;

    /// <inheritdoc/>
    public KeypointLayout? Keypoints => null;

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => [FormattableString.Invariant($"{count} generated scenes of seed {seed}")];

    /// <inheritdoc/>
    public int Count => count;

    /// <summary>The scene's objects; as making a scene gives its masks too, they are here already.</summary>
    public Sample this[int index] => Load(index);

    /// <inheritdoc/>
    public Sample Load(int index)
    {
        var scene = Generate(index);
        var name = FormattableString.Invariant($"scene_{seed}_{index:00000}");
        return new Sample(name, new Annotation { Instances = scene.Objects }) { Id = name, DeclaredSize = scene.Picture.Size };
    }

    /// <inheritdoc/>
    public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb) =>
        channels == ImageChannels.Grey ? Generate(index).Picture.ConvertTo(channels) : Generate(index).Picture;

    private Scene Generate(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count, nameof(index));
        return generator.Generate(seed, index);
    }
}
