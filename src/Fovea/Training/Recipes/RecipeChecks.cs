using System.Globalization;

namespace Fovea.Training.Recipes;

/// <summary>What keys of a recipe ask of one another.</summary>
internal static class RecipeChecks
{
    public static IEnumerable<(string Key, string Text)> Problems(Recipe recipe) =>
        [.. Optimizer(recipe.Optimizer), .. Schedule(recipe), .. Preprocessing(recipe.Preprocessing), .. Data(recipe.Data)];

    private static IEnumerable<(string Key, string Text)> Optimizer(OptimizerSection optimizer)
    {
        if (optimizer.Nesterov && (optimizer.Momentum <= 0 || optimizer.Dampening != 0))
            yield return ("optimizer.nesterov", "asks for a momentum above 0 and no dampening");
    }

    private static IEnumerable<(string Key, string Text)> Schedule(Recipe recipe)
    {
        var schedule = recipe.Schedule;
        if (schedule.WarmupEpochs > 0 && schedule.WarmupSteps > 0)
            yield return ("schedule.warmup_steps", "found beside warmup_epochs, expected one of the two");
        if (schedule.WarmupEpochs > recipe.Epochs)
            yield return ("schedule.warmup_epochs", string.Create(CultureInfo.InvariantCulture, $"found {schedule.WarmupEpochs}, expected at most the {recipe.Epochs} epochs of the run"));
        if (schedule.Name == ScheduleKind.MultiStep && schedule.Milestones.Count == 0)
            yield return ("schedule.milestones", "found none, expected the epochs at which the rate drops");
        if (schedule.Milestones.Zip(schedule.Milestones.Skip(1)).Any(static pair => pair.First >= pair.Second))
            yield return ("schedule.milestones", "found epochs out of order, expected them rising");
    }

    private static IEnumerable<(string Key, string Text)> Preprocessing(PreprocessingSection preprocessing)
    {
        var rule = RecipeShape.SnakeCase(preprocessing.Resize.ToString());
        if (preprocessing.Resize == SizeRule.None != preprocessing.Size is null)
            yield return ("preprocessing.size", preprocessing.Size is null ? $"found nothing, expected the size for resize: {rule}" : "has no meaning with resize: none");
        if (preprocessing is { Resize: SizeRule.ShorterSide, Size.Count: 2 })
            yield return ("preprocessing.size", "found two numbers, expected the length of the shorter side");
        if (preprocessing.MaxSize is { } most && (preprocessing.Resize != SizeRule.ShorterSide || most < preprocessing.Size?[0]))
            yield return ("preprocessing.max_size", "asks for resize: shorter_side with a size that is not larger");
        var channels = preprocessing.Channels == ChannelOrder.Grey ? 1 : 3;
        foreach (var (key, count) in new[] { ("mean", preprocessing.Mean.Count), ("std", preprocessing.Std.Count) })
        {
            if (count != 1 && count != channels)
                yield return ($"preprocessing.{key}", $"found {count} numbers, expected {(channels == 1 ? "1" : "1 or 3")} for {RecipeShape.SnakeCase(preprocessing.Channels.ToString())}");
        }
    }

    private static IEnumerable<(string Key, string Text)> Data(DataSection data)
    {
        foreach (var (pixel, name) in data.PixelValues ?? new Dictionary<string, string>())
        {
            if (!int.TryParse(pixel, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > 255)
                yield return ($"data.pixel_values.{pixel}", "found a key that is no pixel value, expected 0 to 255");
            if (data.Classes is not null && name != "ignore" && !data.Classes.Contains(name))
                yield return ($"data.pixel_values.{pixel}", $"found '{name}', expected one of data.classes or 'ignore'{NearestName.Suggest(name, data.Classes)}");
        }
    }
}
