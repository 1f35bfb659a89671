using System.Text.RegularExpressions;
using Fovea.Torch.Nn;

namespace Fovea.Models.Detection;

/// <summary>
/// The names in torchvision's first published detection weights, which are older than the layout of today's networks: what its
/// own loader renames too.
/// </summary>
public static partial class PublishedKeys
{
    private const string BatchCounter = ".num_batches_tracked";

    /// <summary>The name that a tensor of a weights file has in a network, or null for a batch counter that constant norms do not have.</summary>
    public static string? Map(string key, Module network) =>
        key.EndsWith(BatchCounter, StringComparison.Ordinal) && network.NamedModules().Any(module => module.Value is FrozenBatchNorm2d) ? null : Map(key);

    /// <summary>The name that a tensor of a weights file has in today's networks; the same name when it is not an old one.</summary>
    public static string Map(string key)
    {
        var level = PyramidBlock().Match(key);
        if (level.Success)
            return $"{level.Groups[1].Value}.0.{level.Groups[2].Value}";
        if (key is "rpn.head.conv.weight" or "rpn.head.conv.bias")
            return key.Replace("conv.", "conv.0.0.", StringComparison.Ordinal);
        var mask = MaskConvolution().Match(key);
        if (mask.Success)
            return $"roi_heads.mask_head.{mask.Groups[1].Value[0] - '1'}.0.{mask.Groups[2].Value}";
        // RetinaNet's subnets were flat lists with ReLUs between: 0, 2, 4, 6.
        var subnet = SubnetConvolution().Match(key);
        return subnet.Success ? $"{subnet.Groups[1].Value}.{(subnet.Groups[2].Value[0] - '0') / 2}.0.{subnet.Groups[3].Value}" : key;
    }

    /// <summary>
    /// The options of a network that takes weights of these names: constant norms where the file has them, with the epsilon that
    /// they were trained with, and the first two stages left alone as in their training.
    /// </summary>
    public static ModelOptions Fit(IReadOnlyCollection<string> keys, ModelOptions options)
    {
        if (!HasFrozenNorms(keys))
            return options;
        var detector = options.Varied(DetectorOptions.Published);
        return options with
        {
            Variation = detector with { FrozenNorm = true, FrozenNormEps = NeedsZeroEps(keys) ? 0 : 1e-5, TrainableStages = Math.Min(3, detector.TrainableStages) },
        };
    }

    /// <summary>Whether a file's names are those of the first published weights.</summary>
    public static bool IsFirst(IEnumerable<string> keys) => keys.Any(key => PyramidBlock().IsMatch(key));

    /// <summary>
    /// Whether the frozen norms of a network with these weights take an epsilon of 0: the first COCO weights were trained so,
    /// and with 1e-5 every activation would differ.
    /// </summary>
    public static bool NeedsZeroEps(IEnumerable<string> keys) => IsFirst(keys) && HasFrozenNorms(keys);

    /// <summary>Whether the norms in a file are frozen ones: they count no batches.</summary>
    public static bool HasFrozenNorms(IEnumerable<string> keys)
    {
        var names = keys.Where(key => key.StartsWith("backbone.body.bn1.", StringComparison.Ordinal)).ToList();
        return names.Count > 0 && !names.Contains("backbone.body.bn1" + BatchCounter);
    }

    [GeneratedRegex(@"^(backbone\.fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)$")]
    private static partial Regex PyramidBlock();

    [GeneratedRegex(@"^roi_heads\.mask_head\.mask_fcn([1-4])\.(weight|bias)$")]
    private static partial Regex MaskConvolution();

    [GeneratedRegex(@"^(head\.(?:classification|regression)_head\.conv)\.([0246])\.(weight|bias)$")]
    private static partial Regex SubnetConvolution();
}
