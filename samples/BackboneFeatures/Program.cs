// Describes pictures by the last feature map of a ResNet-18 and finds, for each, the picture most like it.
//   dotnet run --project samples/BackboneFeatures WEIGHTS PICTURE PICTURE...
// WEIGHTS: resnet18's, as published (.pth, .safetensors) or from a run of TrainOnAFolder.
using Fovea;
using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Models.Backbones;
using Fovea.Torch;
using Fovea.Torch.Serialization;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: BackboneFeatures WEIGHTS PICTURE PICTURE...");
    return 2;
}

using var backbone = ResNet.OfDepth(18);
StateDict.Load(backbone, args[0], new PartialLoading("the classifier is not needed", key => key.StartsWith("fc.", StringComparison.Ordinal)));
backbone.Eval();
foreach (var (position, feature) in backbone.Features.Index())
    Console.WriteLine($"stage {position}: {feature.Name}, {feature.Channels} channels, one cell for {feature.Stride} pixels");

using var scope = new TensorScope();
using var noGradients = Autograd.NoGrad();
var pictures = args[1..];
var preprocessing = new Preprocessing { SizeRule = SizeRule.ShorterSideThenCrop, ShorterSide = 256, Height = 224, Width = 224 };
using var batch = Collation.ForPrediction([.. pictures.Select(path => (path, Image.Load(path)))], preprocessing);
var map = backbone.Forward(batch.Images, 3)[0];
var vectors = map.Mean([2, 3]);
vectors = vectors / vectors.Norm(2, [1], keepdim: true);
Console.WriteLine($"feature map {map.Shape}, vectors {vectors.Shape}");

var likeness = vectors.Mm(vectors.T());
for (var i = 0; i < pictures.Length; i++)
{
    var row = likeness[i].ToArray<float>();
    row[i] = float.NegativeInfinity;
    var nearest = Array.IndexOf(row, row.Max());
    Console.WriteLine($"{Path.GetFileName(pictures[i])} is most like {Path.GetFileName(pictures[nearest])} (cosine {row[nearest]:0.000})");
}

return 0;
