using System.Text.Json.Nodes;
using Fovea.Data.Loading;
using Fovea.Imaging;
using Fovea.Tests.Imaging;
using Fovea.Torch;
using Fovea.Training;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Cli;

[LeakCheck]
public class EvalTransformTests
{
    private const string Transforms = "transforms.eval=[{pad: {padding: [9, 0, 0, 3], fill: 40}}, greyscale]";

    [Fact]
    public void Training_evaluation_and_prediction_see_a_picture_alike()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 12);
        var recipe = SmallDataset.BarRecipe(temp.File("bars.yaml"));
        Assert.Equal(0, CommandLine.Run("train", recipe, "--data", data, "--out", temp.File("run"), "--set", "epochs=1", "--set", Transforms).Code);

        var inTraining = (double)JsonNode.Parse(File.ReadLines(new RunFolder(temp.File("run")).Metrics).Single())!["loss"]!;
        var inEvaluation = (double)JsonNode.Parse(CommandLine.Run("eval", temp.File("run"), "--precision", "fp32", "--json").Output)!["metrics"]!["loss"]!;
        Assert.Equal(inTraining, inEvaluation, 1e-6);

        using var predictor = Predictor.Load(temp.File("run"), precision: RecipePrecision.Fp32);
        Assert.Equal(["pad", "greyscale"], predictor.Card.Transforms.Select(static step => step.Name));
        var dataset = ModelEvaluation.Open(predictor, Predictor.FileOf(temp.File("run")), null, null);
        double Loss(Func<Image, string, float[]> probabilities) => Enumerable.Range(0, dataset.Count).Average(i =>
            -Math.Log(probabilities(dataset.LoadImage(i, predictor.Model.Preprocessing.Channels), dataset[i].ImagePath)[dataset[i].Annotation.Label!.Value]));
        Assert.Equal(inEvaluation, Loss((image, name) => [.. predictor.Predict(image, name).Probabilities!]), 1e-5);

        // Without the transforms the network sees other pictures: the figures above agree because they are applied.
        Assert.NotEqual(inEvaluation, Loss((image, name) => Bare(predictor, image, name)), 1e-4);
    }

    [Fact]
    public void Detection_is_not_measured_on_cut_pictures()
    {
        using var temp = new TempFolder();
        var data = SmallDataset.Bars(temp.File("bars"), 2);
        var error = Assert.Throws<FoveaException>(() => CommandLine.Run("train", "fasterrcnn_resnet18_own", "--data", data, "--out", temp.File("run"), "--set", "transforms.eval=[{centre_crop: {size: 20}}]"));
        Assert.Contains("transforms.eval: found centre_crop, which cuts pixels off, expected none for detection", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_map_back_through_transforms_and_size_rule()
    {
        var image = new Image(new ImageSize(10, 20), 3);
        var preprocessing = new Preprocessing { SizeRule = SizeRule.Exact, Height = 24, Width = 48 };
        using var batch = Collation.ForPrediction([("a.png", image)], preprocessing, transforms: new Pipeline(new PadRule(4, 2, 0, 0)));
        // Padded to 24 x 12, then twice as large.
        Assert.Equal(new Box(1, 2, 3, 4), batch.Origins[0].ToOriginal(new Box(10, 8, 14, 12)));
        Assert.Throws<FoveaException>(() => Collation.ForPrediction([("a.png", image)], preprocessing, transforms: new Pipeline(new RandomFlip())));
    }

    private static float[] Bare(Predictor predictor, Image image, string name)
    {
        using var scope = new TensorScope();
        using var batch = Collation.ForPrediction([(name, image)], predictor.Model.Preprocessing);
        return [.. predictor.Model.Predict(batch)[0].Probabilities!];
    }
}
