using Fovea.Imaging;
using Fovea.Transforms;
using Fovea.Transforms.Augmentations;

namespace Fovea.Tests.Transforms;

public class ErasingTests
{
    [Fact]
    public void A_rectangle_is_painted_and_cut_off_at_the_edge()
    {
        var scene = Scene.Of(Scenes.RandomImage(new ImageSize(6, 8)));
        var erased = new Erase(-2, 3, new ImageSize(10, 5), new Fill(1, 2, 3)).Apply(scene).Image;
        for (var y = 0; y < 6; y++)
        {
            for (var x = 0; x < 8; x++)
            {
                var pixel = erased.Data.AsSpan((y * 8 + x) * 3, 3).ToArray();
                Assert.Equal(x < 3 && y >= 3 ? [1, 2, 3] : scene.Image.Data.AsSpan((y * 8 + x) * 3, 3).ToArray(), pixel);
            }
        }
    }

    [Fact]
    public void Random_erasing_follows_torchvisions_distribution()
    {
        var answer = PythonReference.Run(
            """
            import torch; from torchvision.transforms import RandomErasing
            image = torch.zeros(3, 60, 80); d = np.array([RandomErasing.get_params(image, (0.02, 0.33), (0.3, 3.3), [0.0])[:4] for _ in range(4000)], float)
            out['m'] = np.array([(d[:, 2] * d[:, 3]).mean() / 4800, np.log(d[:, 2] / d[:, 3]).mean(), d[:, 0].mean() / 60, d[:, 1].mean() / 80])
            """).Doubles("m");
        var found = new double[4];
        var scene = Scene.Of(new Image(new ImageSize(60, 80), 1));
        for (var i = 0; i < 4000; i++)
        {
            var erase = (Erase)new RandomErasing().Sample(scene, new RandomStream(0, 0, i));
            found[0] += erase.Size.Width * erase.Size.Height / 4800.0 / 4000;
            found[1] += Math.Log((double)erase.Size.Height / erase.Size.Width) / 4000;
            found[2] += erase.Y / 60.0 / 4000;
            found[3] += erase.X / 80.0 / 4000;
        }

        for (var i = 0; i < 4; i++)
            Assert.Equal(answer[i], found[i], i == 1 ? 0.05 : 0.02);
    }

    [Fact]
    public void Cutout_has_squares_of_one_size_with_centres_anywhere()
    {
        var scene = Scene.Of(new Image(new ImageSize(10, 12), 1));
        var centres = new HashSet<(int, int)>();
        for (var i = 0; i < 3000; i++)
        {
            var squares = ((Sequence)new Cutout(4, 2).Sample(scene, new RandomStream(0, 0, i))).Steps.Cast<Erase>().ToList();
            Assert.Equal(2, squares.Count);
            foreach (var square in squares)
            {
                Assert.Equal(new ImageSize(4, 4), square.Size);
                centres.Add((square.X + 2, square.Y + 2));
            }
        }

        Assert.Equal(120, centres.Count);
    }
}
