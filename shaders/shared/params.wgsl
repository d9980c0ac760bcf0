// Parameters of the losses: images, values of one image, and a number that the loss names.
struct Params { samples: u32, per_sample: u32, scalar: f32, unused: u32 };
