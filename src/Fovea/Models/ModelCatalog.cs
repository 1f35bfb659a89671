using Fovea.Models.Classification;
using Fovea.Models.Detection;
using Fovea.Models.Segmentation;

namespace Fovea.Models;

/// <summary>Every network by name: those of the library, and those that a program adds. Listing it loads no native library.</summary>
public static class ModelCatalog
{
    private static readonly Lock Gate = new();
    private static volatile IReadOnlyList<ModelEntry> all = InOrder(Entries().Select(WithMultiLabel));

    /// <summary>All entries, by task and then by name.</summary>
    public static IReadOnlyList<ModelEntry> All => all;

    /// <summary>
    /// Makes a network of a program's own known by name in this process, so that recipes may train it and its checkpoints load by
    /// themselves, as in <c>Predictor.Load</c>. Call it when the program starts.
    /// </summary>
    /// <param name="entry">The network.</param>
    /// <exception cref="FoveaException">There is a network of that name already.</exception>
    public static void Add(ModelEntry entry)
    {
        lock (Gate)
        {
            if (TryFind(entry.Name) is not null)
                throw new FoveaException($"model: found '{entry.Name}' a second time, expected a name that no other network has");
            all = InOrder(all.Append(WithMultiLabel(entry)));
        }
    }

    /// <summary>Finds an entry by its exact name.</summary>
    /// <exception cref="FoveaException">There is none; the message offers the nearest.</exception>
    public static ModelEntry Find(string name) => TryFind(name)
        ?? throw new FoveaException($"model: found '{name}', expected one of those that 'fovea models' lists{NearestName.Suggest(name, All.Select(e => e.Name))}");

    /// <summary>Finds an entry by its exact name; null when there is none.</summary>
    public static ModelEntry? TryFind(string name) => All.FirstOrDefault(e => e.Name == name);

    private static IReadOnlyList<ModelEntry> InOrder(IEnumerable<ModelEntry> entries) =>
        [.. entries.OrderBy(e => e.Task).ThenBy(e => e.Name, StringComparer.Ordinal)];

    // Whether one class or several are asked for is the same to every classifier.
    private static ModelEntry WithMultiLabel(ModelEntry entry) => entry with
    {
        Build = options =>
        {
            if (options.MultiLabel && entry.Task != ModelTask.Classification)
                throw new FoveaException($"{entry.Name}: found several labels an image asked for, expected that of classifiers only");
            var model = entry.Build(options);
            if (model is ImageClassifier classifier)
                classifier.IsMultiLabel = options.MultiLabel;
            return model;
        },
    };

    // One line for each family: its own file lists the members.
    private static IEnumerable<ModelEntry> Entries() =>
    [
        .. LeNet5.Entries,
        .. LeNet5Original.Entries,
        .. AlexNet.Entries,
        .. AlexNet2012.Entries,
        .. ZFNet.Entries,
        .. Vgg.Entries,
        .. SqueezeNet.Entries,
        .. GoogLeNet.Entries,
        .. GoogLeNetOriginal.Entries,
        .. BnInception.Entries,
        .. InceptionV2.Entries,
        .. InceptionV3.Entries,
        .. DenseNet.Entries,
        .. MobileNetV3.Entries,
        .. ResNetClassifier.Entries,
        .. WideResNet.Entries,
        .. ResNeXt.Entries,
        .. SEResNet.Entries,
        .. NetworkInNetwork.Entries,
        .. AllCnn.Entries,
        .. DarknetClassifier.Entries,
        .. InceptionClassifier.Entries,
        .. FaceNet.Entries,
        .. CamNetwork.Entries,
        .. FasterRcnn.Entries,
        .. MaskRcnn.Entries,
        .. RetinaNet.Entries,
        .. FcnVgg.Entries,
        .. Fcn.Entries,
        .. DeepLabV1.Entries,
        .. DeepLabV1ResNet.Entries,
        .. DeepLabV2.Entries,
        .. DeepLabV3.Entries,
        .. DeepLabV3MultiGrid.Entries,
        .. DeepLabV3Plus.Entries,
        .. Lraspp.Entries,
        .. PspNet.Entries,
        .. SegNet.Entries,
        .. DeconvNet.Entries,
        .. RefineNet.Entries,
        .. Gcn.Entries,
        .. SemanticFpn.Entries,
        .. Dfn.Entries,
        .. ENet.Entries,
        .. BiSeNet.Entries,
        .. FaNet.Entries,
        .. UNet.Entries,
        .. UNetValid.Entries,
        .. AttentionUNet.Entries,
        .. TernausNet.Entries,
        .. FusionNet.Entries,
        .. RedNet.Entries,
        .. EncoderDecoder.Entries,
        .. DensePatches.Entries,
    ];
}
