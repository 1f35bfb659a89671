using Fovea.Imaging;

namespace Fovea.Data.Readers;

/// <summary>A folder per picture holding images/ with the picture and masks/ with one PNG per object, as in the Data Science Bowl 2018.</summary>
internal static class InstanceMaskReader
{
    private const string ClassName = "object";

    // The folders of as many pictures tell how a set stores its masks.
    private const int MostLookedAt = 100;

    public static FormatReader Reader { get; } = new(
        DatasetFormat.InstanceMasks, "a folder per picture with images/ holding it and masks/ holding a PNG per object", Recognises, Splits, Open);

    private static bool Recognises(string folder) => IsSet(folder) || Splits(folder).Count > 0;

    private static IReadOnlyList<string> Splits(string folder) =>
        IsSet(folder) ? [] : [.. Files.Folders(folder).Where(IsSet).Select(static path => Path.GetFileName(path))];

    private static bool IsSet(string folder) => Files.Folders(folder).Take(3).Any(static path =>
        !SplitNames.IsSplit(Path.GetFileName(path)) && Directory.Exists(Path.Combine(path, "masks"))
        && Directory.Exists(Path.Combine(path, "images")));

    private static IDataset Open(string folder, DatasetOptions options, FaultLog log)
    {
        var labels = options.Labels ?? ClassNames.Find(folder, out _) ?? new LabelSpace([ClassName]);
        if (labels.Count != 1)
            throw new FoveaException($"{folder}: classes: found {Counted.Of(labels.Count, "name")}, expected one: masks of objects name no class");
        var splits = Splits(folder).Where(split => options.Split is null || split == options.Split).ToList();
        var roots = splits.Count == 0 ? [folder] : splits.Select(split => Path.Combine(folder, split));
        var samples = roots.SelectMany(Files.Folders).Select(path => Find(folder, path, log)).OfType<Sample>().ToList();
        var notes = new List<string>();
        if (options.Labels is null)
            notes.Add($"1 class: '{labels[0]}'; the masks name none, give the class names to call it otherwise");
        GreyInColour.Note([.. samples.Take(MostLookedAt).SelectMany(static sample => Files.Pictures(sample.AnnotationPath!).Take(1))], notes);
        return new InstanceMaskDataset(samples)
        {
            Name = FormatReader.NameOf(folder, options.Split),
            Labels = labels,
            Notes = notes,
        };
    }

    private static Sample? Find(string root, string folder, FaultLog log)
    {
        var (images, masks) = (Path.Combine(folder, "images"), Path.Combine(folder, "masks"));
        var pictures = Directory.Exists(images) ? Files.Pictures(images) : [];
        if (pictures.Count != 1)
            log.Error(FaultKind.PictureMissing, images, null, Counted.Of(pictures.Count, "picture"), "one picture");
        else if (!Directory.Exists(masks))
            log.Error(FaultKind.AnnotationMissing, masks, null, "nothing", "a folder with one mask PNG per object");
        else
            return new Sample(pictures[0], new Annotation()) { Id = Files.Relative(root, folder), AnnotationPath = masks };
        return null;
    }

    private sealed class InstanceMaskDataset(IReadOnlyList<Sample> samples) : IDataset, IPicturePaths
    {
        private readonly Instance[]?[] known = new Instance[samples.Count][];

        public required string Name { get; init; }

        public DatasetFormat Format => DatasetFormat.InstanceMasks;

        public DatasetContent Content => DatasetContent.Boxes | DatasetContent.Masks;

        public required LabelSpace Labels { get; init; }

        public KeypointLayout? Keypoints => null;

        public required IReadOnlyList<string> Notes { get; init; }

        public int Count => samples.Count;

        /// <summary>The boxes are those of the masks, which are read here the first time.</summary>
        public Sample this[int index]
        {
            get
            {
                var instances = known[index] ??= [.. Load(index).Annotation.Instances!.Select(static instance => instance with { Mask = null })];
                return samples[index] with { Annotation = new Annotation { Instances = instances } };
            }
        }

        public Sample Load(int index)
        {
            var sample = samples[index];
            var size = ImageInfo.Read(sample.ImagePath).Size;
            var instances = Files.Pictures(sample.AnnotationPath!).Select(path => ReadInstance(path, size));
            return sample with { Annotation = new Annotation { Instances = [.. instances] } };
        }

        public string PicturePath(int index) => samples[index].ImagePath;

        public Image LoadImage(int index, ImageChannels channels = ImageChannels.Rgb) => Pictures.Load(samples[index], channels);

        private static Instance ReadInstance(string path, ImageSize size)
        {
            var image = MaskDecoder.Load(path, size);
            var histogram = MaskDecoder.Histogram(image);
            if (histogram[0] + histogram[1] < image.Data.Length && histogram[0] + histogram[255] < image.Data.Length)
                throw new DataException(path, "values", MaskDecoder.Describe(histogram), "0 outside the object and 255 (or 1) inside");
            if (histogram[0] == image.Data.Length)
                throw new DataException(path, null, "an empty mask", "the pixels of an object");
            var mask = RunLengthMask.FromBitmap(image.Data, size);
            return new Instance(0, mask.BoundingBox) { Mask = mask, Area = mask.Area, Id = Path.GetFileName(path) };
        }
    }
}
