using Fovea.Torch.Serialization;

namespace Fovea.Models;

/// <summary>
/// Another network whose weights a training may start from: an earlier stage of the same, or a classifier with the same trunk.
/// Weights of the same number of elements take the shape they have here.
/// </summary>
/// <param name="Model">Its name in the catalogue.</param>
/// <param name="Mark">A tensor that its weights have and this network has not, which tells them in a file that names no network.</param>
/// <param name="Rename">The name that one of its tensors has here, or null for one that this network has no use for.</param>
public sealed record StartingPoint(string Model, string Mark, Func<string, string?> Rename)
{
    /// <summary>What must be done to a picture with these weights, where it is not what this network's own ask for; a recipe's wish comes first.</summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>A second tensor to make of one of its tensors, with the name it has here, in networks that have the trunk twice; null for none.</summary>
    internal Func<string, TensorData, KeyValuePair<string, TensorData>?>? Twin { get; init; }

    /// <summary>torchvision's VGG-16, in networks that ask for Caffe's pictures otherwise.</summary>
    internal static StartingPoint FromVgg16(Func<string, string?> rename) => new("vgg16", "classifier.0.weight", rename) { Preprocessing = new Preprocessing() };

    /// <summary>A classifier whose trunk stands under a prefix; its own head has no use.</summary>
    /// <param name="model">Name of the classifier.</param>
    /// <param name="head">Prefix of its head.</param>
    /// <param name="from">Prefix of its trunk there.</param>
    /// <param name="to">Prefix of the trunk here.</param>
    internal static StartingPoint FromClassifier(string model, string head, string from, string to) => new(
        model, head + "weight", name => name.StartsWith(head, StringComparison.Ordinal) || !name.StartsWith(from, StringComparison.Ordinal) ? null : to + name[from.Length..]);

    /// <summary>A ResNet classifier of torchvision, its trunk under a prefix.</summary>
    internal static StartingPoint FromResNet(int depth, string to = "backbone.") => FromClassifier(FormattableString.Invariant($"resnet{depth}"), "fc.", "", to);
}
