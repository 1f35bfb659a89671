// Trains a classifier on a folder with one sub-folder of pictures for each class.
//   dotnet run --project samples/TrainOnAFolder PICTURES RUN [EPOCHS]
using Fovea.Torch;
using Fovea.Training;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: TrainOnAFolder PICTURES RUN [EPOCHS]");
    return 2;
}

var recipe = Recipe.Parse(
    $$"""
    model: {name: resnet18}
    data: {folder: '{{args[0].Replace("'", "''", StringComparison.Ordinal)}}', validation_fraction: 0.25}
    preprocessing: {size_rule: shorter_side_then_crop, shorter_side: 73, height: 64, width: 64}
    transforms:
      train:
        - random_resized_crop: {size: 64, scale: [0.35, 1]}
        - horizontal_flip
        - colour_jitter: {brightness: 0.3, contrast: 0.3}
      resize_in_training: false
    batch_size: 16
    epochs: {{(args.Length > 2 ? args[2] : "20")}}
    optimizer: {name: adamw, learning_rate: 0.001}
    """,
    "the sample's recipe");

using var session = TrainingSession.Start(recipe, "sample", args[1], Device.Cpu);
foreach (var fact in session.Facts.Lines)
    Console.WriteLine($"{fact.Subject}: {fact.Text}");
session.Trainer.Listen(new Voice());
session.Trainer.Run();
Console.WriteLine($"the best weights are in {session.Folder.Best}");
return 0;

internal sealed class Voice : ITrainingListener
{
    public void Evaluated(int epoch, Evaluation evaluation, bool isBest) =>
        Console.WriteLine($"epoch {epoch}: {evaluation.Metrics["top1"]:P1} of {evaluation.Images} pictures right{(isBest ? ", the best so far" : "")}");
}
