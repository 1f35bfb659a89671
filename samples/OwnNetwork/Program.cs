// A network and a loss of one's own in the trainer: digits of the MNIST family, told apart by margins.
//   dotnet run --project samples/OwnNetwork IDX-FOLDER RUN [EPOCHS]
using System.Globalization;
using Fovea;
using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Models;
using Fovea.Models.Classification;
using Fovea.Torch;
using Fovea.Torch.Nn;
using Fovea.Training;

var epochs = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 3;
ModelCatalog.Add(new ModelEntry("margin_network", ModelTask.Classification, "ours", 2026, 10, 12_810, options => new MarginNetwork(options.Outputs)));
var (train, test) = (Dataset.Open(args[0], split: "train"), Dataset.Open(args[0], split: "t10k"));
RandomState.Seed(1);
using var network = new MarginNetwork(train.Labels.Count);
DataLoader Loader(IDataset data, bool shuffle) => new(data, network.Task, network.Preprocessing, new LoaderOptions { BatchSize = 32, Shuffle = shuffle });
using var trainer = new Trainer(new TrainingParts
{
    Recipe = Recipe.Parse($"model: {{name: margin_network}}\noptimizer: {{name: adam, learning_rate: 0.002}}\nepochs: {epochs}", "the sample's recipe"),
    Model = network, Training = Loader(train, true), Validation = Loader(test, false), Labels = train.Labels,
    Folder = RunFolder.Create(args[1]),
});
trainer.Listen(new Voice());
trainer.Run();

// The catalogue knows the network, so that its weights load as those of any other.
using var predictor = Predictor.Load(args[1]);
var probabilities = predictor.Predict(test.LoadImage(0)).Probabilities!;
Console.WriteLine($"the first test digit is a {predictor.Labels[probabilities.IndexOf(probabilities.Max())]}");

internal sealed class MarginNetwork : ImageClassifier
{
    private readonly Sequential layers;

    public MarginNetwork(int classes)
    {
        layers = Child("layers", new Sequential(
            new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2), new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(32 * 5 * 5, classes)));
        Preprocessing = new Preprocessing { Channels = Fovea.Imaging.ImageChannels.Grey, Mean = [0.1307f], Std = [0.3081f] };
    }

    public override IReadOnlyList<string> HeadPrefixes => ["layers.7."];

    public override Tensor Logits(Tensor images) => layers.Forward(images);

    // Weston and Watkins' hinge: every wrong class must stay a margin of 1 below the right one, which itself always costs 1.
    public override LossTerms Loss(Batch batch)
    {
        var scores = Logits(batch.Images);
        var right = scores.Gather(1, batch.Labels!.Unsqueeze(1));
        return new LossTerms().Add("margin", (scores - right + 1).Relu().Sum([1]).Mean() - 1);
    }
}

internal sealed class Voice : ITrainingListener
{
    public void Evaluated(int epoch, Evaluation evaluation, bool isBest) => Console.WriteLine($"epoch {epoch}: top1 {evaluation.Metrics["top1"]:0.0000}");
}
